export type TTimerType = 'interval' | 'timeout';
