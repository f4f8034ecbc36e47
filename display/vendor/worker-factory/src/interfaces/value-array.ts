import { TValue } from '../types';

export interface IValueArray extends Array<TValue> {
    // tslint:disable-line:no-empty-interface
}
