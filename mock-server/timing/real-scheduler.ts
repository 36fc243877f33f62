export * from '../../src/timer/real-scheduler.ts';
