export * from './worker-timers-worker-custom-definition';
