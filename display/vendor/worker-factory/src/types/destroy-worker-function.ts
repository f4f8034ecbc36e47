export type TDestroyWorkerFunction = () => void;
