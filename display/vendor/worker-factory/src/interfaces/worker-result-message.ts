import { TValue } from '../types';

export interface IWorkerResultMessage {
    id: null | number;

    result: TValue;
}
