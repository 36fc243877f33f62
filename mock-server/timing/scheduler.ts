export * from '../../src/timer/scheduler.ts';
