import { TValue } from '../types';

export interface IValueMap {
    [key: string]: TValue;
}
