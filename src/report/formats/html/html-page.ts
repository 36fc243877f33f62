/**
 * The frame of every HTML page: one file that needs no network and no script. Its security policy
 * allows nothing but the style and the script whose hashes it names, so text from a target can
 * never run.
 */
import { createHash } from 'node:crypto';
import { escapeHtml } from './escape.ts';
import { pageScript } from './script.ts';
import { styleSheet, type StyleAddition } from './style-sheet.ts';

function sha256(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Identifier, name in the navigation, and content; left out of both where the content is ''. */
export type PageSection = readonly [id: string, name: string, content: string];

export interface HtmlPage {
  title: string;
  toolVersion: string;
  header: string;
  sections: readonly PageSection[];
  footer: string;
  /** Added to the style that all pages share. */
  styles: readonly StyleAddition[];
}

export function htmlPage(page: HtmlPage): string {
  const style = styleSheet(page.styles);
  const policy = `default-src 'none'; style-src ${sha256(style)}; script-src ${sha256(pageScript)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const shown = page.sections.filter(([, , content]) => content !== '');
  const links = [...shown.map(([id, name]) => [id, name] as const), ['about', 'About'] as const];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="streamgauge ${escapeHtml(page.toolVersion)}">
<title>${escapeHtml(page.title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#${shown[0]?.[0] ?? 'about'}">Skip to the content</a>
${page.header}
<nav aria-label="Sections"><div class="wrap"><ul>
${links.map(([id, name]) => `<li><a href="#${id}">${name}</a></li>`).join('\n')}
</ul></div></nav>
<main class="wrap">
${shown.map(([, , content]) => content).join('\n')}
</main>
${page.footer}
<script>${pageScript}</script>
</body>
</html>
`;
}
