// @ts-check
/**
 * Lists of members, made from folders: a member of a seam is added by adding its file, and no list is
 * edited by hand. `npm run generate` writes the lists before it builds; a test fails when one is
 * stale. Run alone, this file writes them too: `node scripts/member-lists.js`.
 *
 * A member is a file `NAME.ts`, or a folder `NAME/` in which exactly one file exports it. What it
 * exports is `NAME` in camel case with the row's suffix: `drop-bytes.ts` and the suffix `Definition`
 * make `dropBytesDefinition`.
 */
import fs from 'node:fs';
import path from 'node:path';

/**
 * @typedef {object} MemberList
 * @property {string} folder - whose files and folders are the members, from the project's root
 * @property {string} suffix - behind the member's name in the name of its export; '' for none
 * @property {string} list - the file to write
 * @property {string} exported - what the list is called in it
 */

/** @type {readonly MemberList[]} */
export const memberListTable = [
  {
    folder: 'src/dialect/members',
    suffix: '',
    list: 'src/dialect/member-list.ts',
    exported: 'dialectMembers',
  },
  {
    folder: 'src/report/formats',
    suffix: 'Renderer',
    list: 'src/report/format-list.ts',
    exported: 'formatRenderers',
  },
  {
    folder: 'src/report/formats/html/charts',
    suffix: 'Chart',
    list: 'src/report/formats/html/chart-list.ts',
    exported: 'htmlCharts',
  },
  {
    folder: 'mock-server/apis',
    suffix: 'Api',
    list: 'mock-server/api-list.ts',
    exported: 'apis',
  },
  {
    folder: 'src/fault/kinds',
    suffix: 'Definition',
    list: 'src/fault/member-list.ts',
    exported: 'faultMembers',
  },
  {
    folder: 'src/load/kinds',
    suffix: 'Pacer',
    list: 'src/load/member-list.ts',
    exported: 'pacerMembers',
  },
  {
    folder: 'src/proxy/kinds',
    suffix: '',
    list: 'src/proxy/member-list.ts',
    exported: 'proxyMembers',
  },
];

/**
 * The text of each list by its path from the root.
 *
 * @param {string} root - of the project
 * @param {readonly MemberList[]} table
 * @returns {Record<string, string>}
 * @throws where a folder holds something that is not a member
 */
export function memberLists(root, table = memberListTable) {
  return Object.fromEntries(table.map((row) => [row.list, listText(root, row)]));
}

/**
 * @param {string} root
 * @param {MemberList} row
 */
function listText(root, { folder, suffix, list, exported }) {
  const members = fs
    .readdirSync(path.join(root, folder), { withFileTypes: true })
    .map((entry) => memberAt(root, folder, entry, suffix))
    // By name, in the same order on every machine.
    .sort((one, other) => (one.file < other.file ? -1 : 1));
  const from = path.posix.relative(path.posix.dirname(list), folder);
  const imports = members.map(({ name, file }) => `import { ${name} } from './${from}/${file}';\n`);
  return `// Generated from the files in ${folder}/ by \`npm run generate\`; change those, not this list.
${imports.join('')}
${arrayText(
  exported,
  members.map(({ name }) => name),
)}`;
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {fs.Dirent} entry
 * @param {string} suffix
 * @returns {{ name: string; file: string }} what is exported, and where in the folder
 */
function memberAt(root, folder, entry, suffix) {
  const inFolder = entry.isDirectory();
  const name = camelCase(entry.name.replace(/\.ts$/, '')) + suffix;
  if (!inFolder && !entry.name.endsWith('.ts')) {
    throw new Error(`${folder}/${entry.name} is not a member: neither a .ts file nor a folder`);
  }
  const files = inFolder
    ? fs.readdirSync(path.join(root, folder, entry.name)).filter((file) => file.endsWith('.ts'))
    : [entry.name];
  const declares = new RegExp(`^export (const|function|class) ${name}\\b`, 'm');
  const exporting = files
    .map((file) => (inFolder ? `${entry.name}/${file}` : file))
    .filter((file) => declares.test(fs.readFileSync(path.join(root, folder, file), 'utf8')));
  const [file, second] = exporting;
  if (file === undefined) {
    throw new Error(`${folder}/${entry.name} must export ${name}, and does not`);
  }
  if (second !== undefined) {
    throw new Error(`${folder}/${entry.name} exports ${name} twice: in ${exporting.join(' and ')}`);
  }
  return { name, file };
}

/** @param {string} name - in lower case with hyphens */
function camelCase(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

/**
 * As the formatter would write it.
 *
 * @param {string} exported
 * @param {readonly string[]} names
 */
function arrayText(exported, names) {
  const line = `export const ${exported} = [${names.join(', ')}] as const;\n`;
  if (line.length <= 101) return line;
  return `export const ${exported} = [\n${names.map((name) => `  ${name},\n`).join('')}] as const;\n`;
}

if (process.argv[1] === import.meta.filename) {
  const root = path.resolve(import.meta.dirname, '..');
  for (const [name, text] of Object.entries(memberLists(root))) {
    const file = path.join(root, name);
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    fs.writeFileSync(file, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}
