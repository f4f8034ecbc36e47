import { IError } from './error';

export interface IErrorResponse {
    error: IError;

    id: null;
}
