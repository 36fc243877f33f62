// @ts-check
/** Small pieces of Markdown that the generated pages share. */

/** The first line of every generated page, @param {string} source - what to change instead */
export function banner(source) {
  return `<!-- Generated from ${source} by \`npm run generate\`; change that, not this page. -->\n`;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map(cell).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** @param {string} text */
export function code(text) {
  return `\`${text}\``;
}
