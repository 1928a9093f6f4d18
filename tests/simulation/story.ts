import type { Lived } from './life/life.ts';
import type { Deed, Script, Side } from './life/script.ts';

/** A life as a person would tell it. */
export function storyOf(script: Script, lived: Lived): readonly string[] {
  const lines = [
    `A computer with its home on ${script.computer.home}${
      script.computer.stick === undefined ? '' : ` and a stick with ${script.computer.stick}`
    }.`,
    ...script.phones.map(
      ({ profile, serial, hasCard, cardIsLate, sameName, answersInMs = 1 }, number) =>
        `Phone ${number}: ${profile}, ${serial === 'own' ? 'a serial number of its own' : `serial number: ${serial}`}${
          hasCard
            ? `, a card${cardIsLate ? ' that comes late' : ''}${sameName ? ' that is called as the phone is' : ''}`
            : ''
        }${answersInMs > 1 ? `, answers in up to ${answersInMs} ms` : ''}.`,
    ),
    ...script.files.map(({ side, path, size }) => `${whereOf(side)} has ${path}, ${size} bytes.`),
    ...script.deeds.map((deed) => {
      const then = deed.on === undefined ? '' : `, at step ${deed.on.count} of the ${deed.on.step} from then on,`;
      return `After ${deed.at} ms${then} ${wordsFor(deed)}.`;
    }),
    ...lived.findings.map(({ kind, what }) => `${kind}: ${what}`),
  ];
  return lines;
}

const whereOf = (side: Side): string =>
  side.kind === 'phone'
    ? `Phone ${side.phone}${side.card ? ' (card)' : ''}`
    : side.kind === 'home'
      ? 'The computer'
      : 'The stick';

function wordsFor(deed: Deed): string {
  switch (deed.kind) {
    case 'push':
    case 'pull': {
      const what = deed.file === undefined ? 'the folder' : `file ${deed.file} of the folder`;
      const card = deed.card ? ' (card)' : '';
      const here = deed.stick ? 'the stick' : 'the computer';
      const how = `${deed.onConflict}, verify ${deed.verify}${deed.back ? ', the other way round' : ''}`;
      return `a person ${deed.move ? 'moves' : 'copies'} ${what} ${
        deed.kind === 'push'
          ? `from ${here} to phone ${deed.phone}${card}`
          : `from phone ${deed.phone}${card} to ${here}`
      } (${how})`;
    }
    case 'pause':
    case 'resume':
    case 'cancel':
    case 'retry':
    case 'remove':
      return `a person says “${deed.kind}” to transfer ${deed.which}`;
    case 'answer':
      return `a person answers “${deed.choice}”${deed.all ? ' to all of it' : ''}`;
    case 'cable':
      return `phone ${deed.phone} is unplugged for ${deed.forMs} ms`;
    case 'lock-phone':
      return `phone ${deed.phone} is locked for ${deed.forMs} ms`;
    case 'restart-phone':
      return `phone ${deed.phone} is started anew, which takes ${deed.forMs} ms`;
    case 'card':
      return `the card of phone ${deed.phone} is out for ${deed.forMs} ms`;
    case 'language':
      return `phone ${deed.phone} gets another language`;
    case 'quit':
    case 'kill':
      return `the program ${deed.kind === 'quit' ? 'is closed' : 'is killed'}, and started ${deed.forMs} ms later`;
    case 'power':
      return `the computer loses power, and the program is started ${deed.forMs} ms later`;
    case 'killed-writing':
      return `the program is killed before its write no. ${deed.writes + 1}, and started ${deed.forMs} ms later`;
    case 'database':
      return `the database refuses ${deed.writes} writes`;
    case 'unmount':
    case 'yank':
      return `the stick is ${deed.kind === 'yank' ? 'pulled out' : 'unmounted'} for ${deed.forMs} ms`;
    case 'full':
    case 'read-only':
      return `the stick is ${deed.kind} for ${deed.forMs} ms`;
    case 'phone-full':
      return `phone ${deed.phone} is full once ${deed.bytes} bytes were written to it, for ${deed.forMs} ms`;
    case 'silent':
      return `phone ${deed.phone} falls silent in operation 0x${deed.operation.toString(16)} (no. ${deed.times} from then on, ${
        deed.phase
      }), until ${deed.until}, and is plugged in again ${deed.forMs} ms later`;
    case 'phone-fills':
      return `apps leave ${deed.free} bytes of phone ${deed.phone}${deed.card ? ' (card)' : ''} for ${deed.forMs} ms`;
    case 'phone-resized':
      return `phone ${deed.phone} has a storage of ${deed.capacity} bytes from then on`;
    case 'phone-read-only':
      return `nothing can be written to phone ${deed.phone}${deed.card ? ' (card)' : ''} for ${deed.forMs} ms`;
    case 'trash':
      return `somebody trashes file ${deed.which} of ${whereOf(deed.side)}${
        deed.forMs === undefined ? '' : `, and takes it back ${deed.forMs} ms later`
      }`;
    case 'lock-file':
      return `another program locks file ${deed.which} of ${whereOf(deed.side)} for ${deed.forMs} ms`;
    case 'create':
    case 'edit':
    case 'delete':
    case 'rename':
      return `somebody does “${deed.kind}” to file ${deed.which} of ${whereOf(deed.side)}${deed.byCase === true ? ', by case alone' : ''}`;
    case 'meet': {
      const what = `the ${deed.part} of file ${deed.which} that is still to come`;
      return `somebody does “${deed.act}” to ${what}${deed.size === undefined ? '' : ` (${deed.size} bytes)`}`;
    }
    case 'sync': {
      const { phone, card, stick, direction, deletions, conflicts, layout, automatic } = deed.pair;
      const where = `phone ${phone}${card ? ' (card)' : ''} and ${stick ? 'the stick' : 'the computer'}`;
      const how = `${deletions} deletions, ${conflicts}, ${layout}${automatic ? ', automatic' : ''}`;
      return `a person runs the pair of ${where} ${direction} (${how})${deed.confirms ? ' and says yes to all' : ''}`;
    }
    case 'sync-stop':
      return `a person stops the run of pair ${deed.which}`;
    case 'import':
    case 'free': {
      const { phone, card, stick } = deed.photos;
      return deed.kind === 'free'
        ? `a person frees phone ${phone}`
        : `a person imports the photos of phone ${phone}${card ? ' (card)' : ''} to ${stick ? 'the stick' : 'the computer'}`;
    }
    case 'drive': {
      const { act, phone, card, which, size, across = false } = deed.drive;
      return `another program does “${act}” to no. ${which} of phone ${phone}${card ? ' (card)' : ''}${across ? ', to its other storage,' : ''} through the drive (${size} bytes)`;
    }
    case 'open': {
      const { phone, card, which, size, forMs } = deed;
      const then = size === undefined ? '' : `, and ${forMs} ms later saves ${size} bytes and saves them back`;
      return `a person opens file ${which} of phone ${phone}${card ? ' (card)' : ''}${then}`;
    }
    case 'killed-in-statement':
      return `the program is killed before its statement no. ${deed.statements + 1}, and started ${deed.forMs} ms later`;
    case 'clock':
      return `the computer's clock jumps by ${deed.byMs / 1000} s`;
  }
}
