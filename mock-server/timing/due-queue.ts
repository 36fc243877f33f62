export * from '../../src/timer/due-queue.ts';
