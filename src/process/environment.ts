/**
 * What children get of the environment: variables that are known to be needed, and no others. A
 * scenario may take its secrets from variables of any name (`${MY_KEY}`), so that a list of what to keep
 * back could never be complete.
 */

/** How programs and libraries are found, where files go, how text is written. */
const ofTheSystem = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TMP',
  'TEMP',
  'LANG',
  'LANGUAGE',
  'TZ',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'DYLD_LIBRARY_PATH',
  'DYLD_FALLBACK_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'OPENSSL_CONF',
  'SYSTEMROOT',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
];
/** LC_ALL, LC_CTYPE and the like. */
const languagePrefix = 'LC_';

const ofPrograms = ['GOMAXPROCS', 'GOMEMLIMIT', 'GODEBUG', 'CC'];

const ofNode = [
  'NODE_OPTIONS',
  'NODE_ENV',
  'NODE_PATH',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_ICU_DATA',
  'NODE_NO_WARNINGS',
  'NODE_DEBUG',
  'NODE_V8_COVERAGE',
  'NODE_COMPILE_CACHE',
  'NODE_DISABLE_COMPILE_CACHE',
  'UV_THREADPOOL_SIZE',
];

type Environment = Record<string, string>;

/** For an installed program. */
export function environmentForPrograms(from: NodeJS.ProcessEnv = process.env): Environment {
  return only([...ofTheSystem, ...ofPrograms], from);
}

/**
 * For a Node child. NODE_OPTIONS stays: a user who sets it means every Node process (memory limits,
 * preloaded modules), but for the debugger: its port is the parent's, and a child must not stop.
 */
export function environmentForNode(from: NodeJS.ProcessEnv = process.env): Environment {
  const { NODE_OPTIONS: options, ...others } = only([...ofTheSystem, ...ofNode], from);
  const kept = withoutInspector(options ?? '');
  return { ...others, ...(kept !== '' && { NODE_OPTIONS: kept }) };
}

function only(names: readonly string[], from: NodeJS.ProcessEnv): Environment {
  const kept: Environment = {};
  for (const [name, value] of Object.entries(from)) {
    const wanted = names.includes(name.toUpperCase()) || name.startsWith(languagePrefix);
    if (wanted && value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Words of NODE_OPTIONS: separated by spaces, which double quotes and backslashes in them keep. */
const wordPattern = /(?:"(?:\\.|[^"\\])*"?|[^\s"])+/gs;
const inspectorPattern = /^--(?:inspect|debug-port)(?:$|[-=])/;
/** Options whose value may be the next word. */
const withValue = new Set(['--inspect-port', '--debug-port', '--inspect-publish-uid']);

/** Node's options without those of its debugger (`--inspect…`, `--debug-port`). */
export function withoutInspector(options: string): string {
  const kept: string[] = [];
  let valueFollows = false;
  for (const word of options.match(wordPattern) ?? []) {
    // Node reads an underscore in a name as a dash, and quotes anywhere.
    const [name = ''] = word.replaceAll('"', '').split('=');
    const isValue = valueFollows && !name.startsWith('-');
    const dashed = name.replaceAll('_', '-');
    const drop = isValue || inspectorPattern.test(dashed);
    valueFollows = withValue.has(dashed) && !word.includes('=');
    if (!drop) kept.push(word);
  }
  return kept.join(' ');
}
