export * from '../../src/timer/virtual-scheduler.ts';
