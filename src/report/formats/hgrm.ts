/** HdrHistogram's percentile listings, one per arm and metric, for its own plotter and others. */
import type { ReportModel } from '../view/report-model.ts';
import type { RenderedFile, Renderer } from '../renderer.ts';

/** A name that every file system takes; different names stay different. */
function fileSafe(name: string, index: number): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  return safe === name ? name : `${safe === '' ? 'arm' : safe}-${index + 1}`;
}

function renderHgrm(model: ReportModel): RenderedFile[] {
  return model.arms.flatMap((arm) =>
    [...arm.histograms].map(([metric, histogram]) => ({
      name: `${fileSafe(arm.name, arm.index)}.${metric}.hgrm`,
      text: `${histogram.toHgrm().trimEnd()}\n`,
    })),
  );
}

export const hgrmRenderer = {
  name: 'hgrm',
  description: 'HdrHistogram percentile listings, one file per arm and metric',
  render: renderHgrm,
} as const satisfies Renderer;
