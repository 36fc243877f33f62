/** Small tables with a line for each arm, shown where they have something to say; every format has them. */
import type { ScalarName } from '../../metric/catalogue.ts';
import { continuityScalars, continuityTable } from './continuity.ts';
import { landmarkTable } from './landmark-table.ts';
import type { ReportModel, ScalarRow } from './model.ts';
import { readingTable } from './reading.ts';
import { readerTable, wasteTable } from './waste.ts';

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

export function armTables(model: ReportModel): ArmTable[] {
  return [
    landmarkTable(model),
    wasteTable(model),
    readerTable(model),
    readingTable(model),
    continuityTable(model),
  ].filter((table) => table !== undefined);
}

/** Scalars that no table of its own shows. */
export function otherScalars(model: ReportModel): readonly ScalarRow[] {
  const shown: ReadonlySet<ScalarName> = continuityScalars;
  return model.scalars.filter((row) => !shown.has(row.name));
}
