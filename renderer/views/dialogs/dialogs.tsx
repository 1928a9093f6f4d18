import { Suspense, lazy, type ReactNode } from 'react';
import { useWindow } from '../../stores/window.ts';
import { Look } from '../look.tsx';
import { DeleteDialog } from './delete.tsx';
import { DriveDialog } from './drive.tsx';
import { DiscardDialog } from './discard.tsx';
import { ForgetDialog } from './forget.tsx';
import { PairDialog } from './pair.tsx';
import { PickDialog } from './pick.tsx';
import { QuestionDialog } from './question.tsx';
import { ReportDialog } from './report.tsx';
import { SettingsDialog } from './settings.tsx';
import { ShortcutsDialog } from './shortcuts.tsx';
import './dialogs.css';

/** Not needed before they are opened: loaded then, those of photos with their page. */
const PhotoSettingsDialog = lazy(async () => ({
  default: (await import('./photo-settings.tsx')).PhotoSettingsDialog,
}));
const PhoneReportDialog = lazy(async () => ({ default: (await import('./phone-report.tsx')).PhoneReportDialog }));
const VerifyDialog = lazy(async () => ({ default: (await import('./verify.tsx')).VerifyDialog }));
const FreeDialog = lazy(async () => ({ default: (await import('./free.tsx')).FreeDialog }));

/** The open dialog, if any; nothing is shown while one is being loaded. */
export const Dialogs = (): ReactNode => (
  <Suspense>
    <OpenDialog />
  </Suspense>
);

function OpenDialog(): ReactNode {
  const dialog = useWindow((state) => state.dialog);
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'delete':
      return <DeleteDialog places={dialog.places} />;
    case 'question':
      return <QuestionDialog transfer={dialog.transfer} />;
    case 'report':
      return <ReportDialog transfer={dialog.transfer} title={dialog.title} />;
    case 'pick':
      return <PickDialog want={dialog.want} title={dialog.title} action={dialog.action} picked={dialog.picked} />;
    case 'pair':
      return <PairDialog form={dialog.form} />;
    case 'drive':
      return <DriveDialog device={dialog.device} url={dialog.url} />;
    case 'phone-report':
      return <PhoneReportDialog device={dialog.device} />;
    case 'verify':
      return <VerifyDialog place={dialog.place} want={dialog.want} />;
    case 'look':
      return <Look />;
    case 'forget':
      return <ForgetDialog device={dialog.device} name={dialog.name} />;
    case 'discard':
      return <DiscardDialog copy={dialog.copy} name={dialog.name} />;
    case 'photo-settings':
      return <PhotoSettingsDialog device={dialog.device} />;
    case 'free':
      return <FreeDialog device={dialog.device} />;
    case 'settings':
      return <SettingsDialog />;
    case 'shortcuts':
      return <ShortcutsDialog />;
  }
}
