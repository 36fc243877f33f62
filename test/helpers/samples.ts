/** Samples of the members of a seam, one file for each, found by listing a folder. */
import fs from 'node:fs';
import path from 'node:path';

/**
 * What each file of a folder exports as `sample`, by the file's name without its ending.
 *
 * @param folder - under test/contract/samples/.
 * @throws where a file exports none.
 */
export async function samplesIn<Sample>(folder: string): Promise<[name: string, Sample][]> {
  const directory = path.resolve(import.meta.dirname, '../contract/samples', folder);
  const files = fs.readdirSync(directory).sort();
  return Promise.all(
    files.map(async (file): Promise<[string, Sample]> => {
      const module = (await import(path.join(directory, file))) as { sample?: Sample };
      if (module.sample === undefined) throw new Error(`${folder}/${file} exports no sample`);
      return [path.basename(file, '.ts'), module.sample];
    }),
  );
}
