/** Every table of arms, each shown where it has something to say. */
import type { ScalarName } from '../../../metric/catalogue.ts';
import type { ReportModel, ScalarRow } from '../report-model.ts';
import type { ArmTable } from './arm-table.ts';
import { continuityScalars, continuityTable } from './continuity-table.ts';
import { readingTable } from './reading-table.ts';
import { slowReaderTable } from './slow-reader-table.ts';
import { wasteTable } from './waste-table.ts';

/** In the order in which reports show them. */
export function armTables(model: ReportModel): ArmTable[] {
  return [
    wasteTable(model),
    slowReaderTable(model),
    readingTable(model),
    continuityTable(model),
  ].filter((table) => table !== undefined);
}

/** Scalars that none of these tables shows. */
export function otherScalars(model: ReportModel): readonly ScalarRow[] {
  const shown: ReadonlySet<ScalarName> = continuityScalars;
  return model.scalars.filter((row) => !shown.has(row.name));
}
