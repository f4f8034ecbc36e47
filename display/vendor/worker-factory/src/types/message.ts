import { INotification, IRequest } from '../interfaces';

export type TMessage = INotification | IRequest;
