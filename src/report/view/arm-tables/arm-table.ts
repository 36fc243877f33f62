/** A small table with a line for each arm. Every format shows it with the same texts. */
export interface ArmTable {
  /** For links and the page's contents. */
  id: string;
  contents: string;
  /** Above the table. */
  title: string;
  headings: readonly string[];
  /** The headings after the first, so that each can stand alone. */
  inWords: readonly string[];
  /** One for each arm, in their order. */
  rows: readonly (readonly string[])[];
  /** Below it: how to read it. */
  note: string;
}
