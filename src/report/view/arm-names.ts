/** Names of arms in a message. */

/** Every one, or the first few of many. */
export function armNames(names: readonly string[], total: number): string {
  if (names.length === total && total > 3) return `all ${total} arms`;
  if (names.length <= 6) return names.join(', ');
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more arms`;
}
