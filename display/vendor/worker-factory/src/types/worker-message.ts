import { IWorkerErrorMessage, IWorkerResultMessage } from '../interfaces';

export type TWorkerMessage = IWorkerErrorMessage | IWorkerResultMessage;
