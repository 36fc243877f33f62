/** What clients that left cost the target: shown where there were some. */
import { formatCount, formatShare, missing } from '../../../format/number.ts';
import { formatMetric, percentileText, scalarOf } from '../metric-format.ts';
import { formatMoney, moneyText } from '../money.ts';
import type { ArmView, ReportModel } from '../report-model.ts';
import type { ArmTable } from './arm-table.ts';

/** Undefined where no client left. */
export function wasteTable(model: ReportModel): ArmTable | undefined {
  const leaving = model.arms.filter(({ waste }) => (waste?.left ?? 0) > 0);
  if (leaving.length === 0) return undefined;
  const currencies = [...new Set(leaving.flatMap(({ price }) => price?.currency ?? []))];
  const money = currencies.length === 1 ? currencies[0]! : 'cost';
  const methods = [...new Set(leaving.map(({ waste }) => waste!.method))];
  return {
    id: 'waste',
    contents: 'Waste',
    title: `Clients that left: ${methods.map((method) => sources[method]).join('; ')}`,
    headings: [
      'arm',
      'left',
      'stop p50',
      'p95',
      'wasted',
      'share',
      ...(currencies.length > 0 ? [money, 'per 1,000'] : []),
    ],
    inWords: [
      'turns left',
      'stopped after p50',
      'stopped after p95',
      'tokens wasted, mean',
      'share of tokens wasted',
      ...(currencies.length > 0 ? [`cost of waste, ${money}`, 'cost per 1,000 left'] : []),
    ],
    rows: model.arms.map((arm, index) => {
      const wasted = arm.histograms.get('wasted_tokens');
      const share = scalarOf(model, 'wasted_token_share', index);
      return [
        arm.name,
        leftOf(arm, methods.length > 1),
        percentileText(model, 'cancel_latency', index, 50),
        percentileText(model, 'cancel_latency', index, 95),
        wasted ? formatMetric(wasted.mean, 'count') : missing,
        share === null ? missing : formatShare(share),
        ...(currencies.length > 0 ? costs(arm, currencies.length > 1) : []),
      ];
    }),
    note: 'Stop: from the moment the client left until the target stopped producing. Wasted: tokens that it had produced by then and that the client did not have, on average for a turn that was left; their share is of all tokens. The mock’s record is the truth, on the shared clock; of an external target it is an estimate from the usage that it reports.',
  };
}

const sources = {
  truth: 'from the mock’s record',
  usage: 'estimated from reported usage',
  slot_release: 'stop estimated by a probe that waits for a slot',
  none: 'the target does not tell what happened to them',
} as const;

function costs({ waste, price }: ArmView, named: boolean): string[] {
  if (!waste || !price || waste.measured === 0) return [missing, missing];
  const { output_per_million: perMillion, currency } = price;
  const cost = (waste.wasted_tokens * perMillion) / 1e6;
  return [cost, (cost / waste.measured) * 1000].map((amount) =>
    named ? formatMoney(amount, currency) : moneyText(amount),
  );
}

function leftOf({ waste, counts }: ArmView, mixed: boolean): string {
  if (!waste) return '0';
  const unknown = waste.left - waste.measured;
  return [
    `${formatCount(waste.left)}/${formatCount(counts.turns_started)}`,
    ...(mixed && waste.left > 0 ? [`by ${waste.method}`] : []),
    ...(unknown > 0 && (waste.method === 'truth' || waste.method === 'usage')
      ? [`${formatCount(unknown)} unknown`]
      : []),
    ...(waste.still_running > 0 ? [`${formatCount(waste.still_running)} still running`] : []),
  ].join(', ');
}
