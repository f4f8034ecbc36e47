export interface IError {
    code: number;

    message: string;
}
