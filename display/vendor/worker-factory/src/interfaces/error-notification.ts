import { IError } from './error';

export interface IErrorNotification {
    error: IError;

    id: null;
}
