import { Operation } from './codes.ts';

/** Which way the data of an operation goes: from the phone (`in`), to it (`out`), or there is none. */
export type DataDirection = 'none' | 'in' | 'out';

/** The data phases of the operations known here, as PIMA 15740, MTP 1.1 and Android's extension define them. */
const PHASES: ReadonlyMap<number, DataDirection> = new Map<number, DataDirection>([
  [Operation.GetDeviceInfo, 'in'],
  [Operation.OpenSession, 'none'],
  [Operation.CloseSession, 'none'],
  [Operation.GetStorageIDs, 'in'],
  [Operation.GetStorageInfo, 'in'],
  [Operation.GetNumObjects, 'none'],
  [Operation.GetObjectHandles, 'in'],
  [Operation.GetObjectInfo, 'in'],
  [Operation.GetObject, 'in'],
  [Operation.GetThumb, 'in'],
  [Operation.DeleteObject, 'none'],
  [Operation.SendObjectInfo, 'out'],
  [Operation.SendObject, 'out'],
  [Operation.GetDevicePropDesc, 'in'],
  [Operation.GetDevicePropValue, 'in'],
  [Operation.SetDevicePropValue, 'out'],
  [Operation.MoveObject, 'none'],
  [Operation.CopyObject, 'none'],
  [Operation.GetPartialObject, 'in'],
  [Operation.GetObjectPropsSupported, 'in'],
  [Operation.GetObjectPropDesc, 'in'],
  [Operation.GetObjectPropValue, 'in'],
  [Operation.SetObjectPropValue, 'out'],
  [Operation.GetObjectPropList, 'in'],
  [Operation.GetPartialObject64, 'in'],
  [Operation.SendPartialObject, 'out'],
  [Operation.TruncateObject, 'none'],
  [Operation.BeginEditObject, 'none'],
  [Operation.EndEditObject, 'none'],
]);

/** `undefined` for an operation that is not known here: its data phase cannot be guessed. */
export const dataPhaseOf = (operation: number): DataDirection | undefined => PHASES.get(operation);
