export type {
  LivePercentiles,
  LivePhase,
  LiveSnapshot,
  LiveView,
} from '../result/live-snapshot.ts';
