import { Check, Copy, MonitorSmartphone, Plug, RotateCw, Unlock } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { Device } from '../../shared/domain.ts';
import { WINDOWS_NOT_YET } from '../../shared/errors.ts';
import {
  ConnectingDrawing,
  EngineLostDrawing,
  ForbiddenDrawing,
  HeldDrawing,
  SeveralDrawing,
  SilentDrawing,
  TwoTapsDrawing,
  UnpluggedDrawing,
} from '../drawings/drawings.tsx';
import { Button } from '../parts/button.tsx';
import { tryVirtual } from '../stores/actions.ts';
import { run, useHost } from '../stores/host.ts';
import { say } from '../stores/notices.ts';
import type { Lesson as LessonModel } from '../view-models/devices.ts';
import { nextTryWords, waitingHere } from '../view-models/teach.ts';
import { showDevice } from './shown-device.ts';
import './lesson.css';

interface FrameProps {
  readonly drawing: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

function Frame({ drawing, title, children, actions }: FrameProps): ReactNode {
  return (
    <div className="lesson">
      <div className="lesson-inside">
        {drawing}
        <h2>{title}</h2>
        {children}
        {actions === undefined ? null : <div className="lesson-actions">{actions}</div>}
      </div>
    </div>
  );
}

/** Shown in place of a folder when there is none: a drawing, one sentence, and what to do. */
export function Lesson({ lesson }: { readonly lesson: LessonModel }): ReactNode {
  switch (lesson.kind) {
    case 'no-phone':
      return <NoPhone canTryVirtual={lesson.canTryVirtual} />;
    case 'not-on-windows':
      return <NotOnWindows canTryVirtual={lesson.canTryVirtual} />;
    case 'choose':
      return (
        <Frame
          drawing={<SeveralDrawing />}
          title="Which phone?"
          actions={lesson.devices.map((device) => (
            <Button key={device.key} onClick={() => showDevice(device)}>
              {device.name}
            </Button>
          ))}
        >
          <p>Several phones are connected. Choose the one to look at; transfers go on with all of them.</p>
        </Frame>
      );
    case 'opening':
      return (
        <Frame drawing={<ConnectingDrawing />} title={`Connecting to ${lesson.device.name}…`}>
          <p>This takes a second or two. Some phones ask first whether they may.</p>
        </Frame>
      );
    case 'locked':
      return (
        <Frame
          drawing={<TwoTapsDrawing />}
          title={`Unlock ${lesson.device.name}`}
          actions={<LookAgain device={lesson.device} />}
        >
          <p>Unlock the phone, tap its USB notification, then choose “File transfer”.</p>
        </Frame>
      );
    case 'held':
      return <Held device={lesson.device} />;
    case 'forbidden':
      return <Forbidden device={lesson.device} />;
    case 'recovering':
      return <Recovering device={lesson.device} />;
    case 'gone':
      return <Gone device={lesson.device} />;
  }
}

function TryVirtual(): ReactNode {
  const [starting, setStarting] = useState(false);
  return (
    <Button
      icon={MonitorSmartphone}
      disabled={starting}
      onClick={() => {
        setStarting(true);
        void tryVirtual().finally(() => setStarting(false));
      }}
    >
      Try it with a virtual phone
    </Button>
  );
}

function NoPhone({ canTryVirtual }: { readonly canTryVirtual: boolean }): ReactNode {
  return (
    <Frame drawing={<UnpluggedDrawing />} title="Connect a phone" actions={canTryVirtual ? <TryVirtual /> : undefined}>
      <p>Plug in an Android phone, unlock it and choose “File transfer” in its USB notification.</p>
    </Frame>
  );
}

function NotOnWindows({ canTryVirtual }: { readonly canTryVirtual: boolean }): ReactNode {
  return (
    <Frame
      drawing={<ForbiddenDrawing />}
      title={WINDOWS_NOT_YET.what.replace(/\.$/u, '')}
      actions={canTryVirtual ? <TryVirtual /> : undefined}
    >
      <p>{WINDOWS_NOT_YET.remedy}</p>
    </Frame>
  );
}

function LookAgain({ device, label = 'Look again' }: { readonly device: Device; readonly label?: string }): ReactNode {
  return (
    <Button icon={RotateCw} onClick={() => void run('retryDevice', { device: device.key })}>
      {label}
    </Button>
  );
}

function Held({ device }: { readonly device: Device }): ReactNode {
  const holder = device.state.kind === 'held' ? device.state.holder : undefined;
  const name = holder?.program ?? 'Another program';
  return (
    <Frame
      drawing={<HeldDrawing />}
      title={`${name} is using ${device.name}`}
      actions={
        <>
          {holder?.releasable === true ? (
            <Button
              look="main"
              icon={Unlock}
              onClick={() =>
                void run('releaseDevice', { device: device.key }).then((reply) => {
                  if (reply.ok && !reply.value.released) say(`${name} did not let go. Close it, then look again.`);
                })
              }
            >
              Ask it to let go
            </Button>
          ) : null}
          <LookAgain device={device} />
        </>
      }
    >
      <p>
        {holder?.releasable === true
          ? 'One program at a time can talk to a phone. Replug can ask it to let go; nothing is lost.'
          : 'One program at a time can talk to a phone. Close that program, or unmount the phone there.'}
        {holder?.pid === undefined ? null : <span className="quiet"> (process {holder.pid})</span>}
      </p>
    </Frame>
  );
}

function Forbidden({ device }: { readonly device: Device }): ReactNode {
  const fix = device.state.kind === 'forbidden' ? device.state.fix : undefined;
  const [copied, setCopied] = useState(false);
  return (
    <Frame
      drawing={<ForbiddenDrawing />}
      title={`${device.name} may not be opened yet`}
      actions={
        <>
          {fix === undefined ? null : (
            <Button
              look="main"
              icon={copied ? Check : Copy}
              onClick={() =>
                void navigator.clipboard.writeText(fix).then(
                  () => setCopied(true),
                  () => say('It could not be copied. Choose the text and copy it by hand.'),
                )
              }
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
          <LookAgain device={device} />
        </>
      }
    >
      <p>
        {fix === undefined
          ? 'This system does not let you open the phone’s USB port. Give your user access to it, then plug the phone in again.'
          : 'This system wants a permission for the phone’s USB port. Run this once, then plug the phone in again:'}
      </p>
      {fix === undefined ? null : (
        <pre className="lesson-fix selectable" tabIndex={0} aria-label="The permission to give">
          {fix}
        </pre>
      )}
    </Frame>
  );
}

function Recovering({ device }: { readonly device: Device }): ReactNode {
  const state = device.state.kind === 'recovering' ? device.state : undefined;
  const now = useNow(1000);
  return (
    <Frame
      drawing={<SilentDrawing />}
      title={`${device.name} does not answer`}
      actions={
        <>
          <LookAgain device={device} label="Try now" />
          {state?.nextTryAt === undefined ? null : (
            <Button onClick={() => void run('restDevice', { device: device.key })}>Stop trying</Button>
          )}
        </>
      }
    >
      <p>
        {state?.nextTryAt === undefined ? '' : `Replug keeps trying${nextTryWords(state.nextTryAt, now)}. `}
        If it goes on, unlock the phone or plug it in again; what was confirmed is kept.
      </p>
      {state === undefined || state.step === '' ? null : <p className="quiet lesson-step">{state.step}</p>}
    </Frame>
  );
}

function Gone({ device }: { readonly device: Device }): ReactNode {
  const waiting = useHost((state) => waitingHere(state.transfers.transfers, device.key));
  return (
    <Frame
      drawing={<UnpluggedDrawing />}
      title={`${device.name} is unplugged`}
      actions={
        device.virtual ? (
          <Button
            look="main"
            icon={Plug}
            onClick={() => void run('plugVirtual', { device: device.key, plugged: true })}
          >
            Plug it in
          </Button>
        ) : undefined
      }
    >
      <p>{waiting}</p>
    </Frame>
  );
}

/** Shown in place of the folder while the host does not answer. */
export function EngineLost(): ReactNode {
  return (
    <Frame drawing={<EngineLostDrawing />} title="Replug’s engine is not answering">
      <p>
        This window connects again by itself. Transfers are kept and carry on from what was confirmed. If Replug was
        started again, open the address it printed.
      </p>
    </Frame>
  );
}

function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
