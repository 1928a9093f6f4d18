import { join } from 'node:path';
import { localPath, type Direction, type TransferOptions } from '../../shared/domain.ts';
import type { World } from './world.ts';

type Requested = ReturnType<World['engine']['enqueue']>;

/** Asks for the folder `set`: from this computer to `/DCIM`, or from there to `in`. Needs the phone; may be asked again without. */
export function requestOfSet(world: World, direction: Direction): (options: Partial<TransferOptions>) => Requested {
  const to = world.place('/DCIM');
  const from = world.place('/DCIM/set');
  return (options) =>
    direction === 'upload'
      ? world.engine.enqueue({ direction, sources: [localPath(join(world.here, 'set'))], to, options })
      : world.engine.enqueue({ direction, sources: [from], to: localPath(join(world.here, 'in')), options });
}
