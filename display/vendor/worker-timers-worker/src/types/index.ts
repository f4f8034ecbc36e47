export * from './resolve-set-response-result-promise';
export * from './timer-type';
export * from './worker-timers-worker-definition';
