// Preloaded on Windows' Node: puts the stand-in into the place of the portable-device classes, in this process alone and without
// the registry. COM finds what a process has registered of its own before it looks for what is installed. Worker threads are
// in the same apartment, the multithreaded one, which lives as long as this thread.
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { guidBytes, type Com } from '../../../electron/wpd/com.ts';
import { ClassId } from '../../../electron/wpd/keys.ts';

const MULTITHREADED = 0;
const IN_PROCESS = 1;
const MULTIPLE_USE = 1;
const UNKNOWN = '00000000-0000-0000-c000-000000000046';

function register(koffi: Com['koffi'], library: string): void {
  const pointer = koffi.out(koffi.pointer('void *'));
  const ole = koffi.load('ole32.dll');
  const check = (what: string, hresult: unknown): void => {
    if ((hresult as number) < 0) throw new Error(`${what}: 0x${((hresult as number) >>> 0).toString(16)}`);
  };
  check('CoInitializeEx', ole.func('CoInitializeEx', 'int32', ['void *', 'uint32'])(null, MULTITHREADED));
  const get = koffi.load(library).func('DllGetClassObject', 'int32', ['void *', 'void *', pointer]);
  const put = ole.func('CoRegisterClassObject', 'int32', [
    'void *',
    'void *',
    'uint32',
    'uint32',
    koffi.out(koffi.pointer('uint32')),
  ]);
  for (const id of Object.values(ClassId)) {
    const factory: unknown[] = [null];
    check('DllGetClassObject', get(guidBytes(id), guidBytes(UNKNOWN), factory));
    check('CoRegisterClassObject', put(guidBytes(id), factory[0], IN_PROCESS, MULTIPLE_USE, [0]));
  }
}

const { REPLUG_TEST_PROGRAM: program = '', REPLUG_TEST_LIBRARY: library = '' } = process.env;
if (isMainThread) register(createRequire(`${program}\\package.json`)('koffi') as Com['koffi'], library);
