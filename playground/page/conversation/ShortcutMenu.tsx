import { useAct, useApp, useFeatures } from '../shell/app.ts';
import { Icon } from '../shell/icons.tsx';
import { Menu } from '../shell/Menu.tsx';

/** Shortcuts that belong to no message: Slack has them beside the composer. */
export function ShortcutMenu() {
  const { me } = useApp();
  const act = useAct();
  const items = useFeatures().shortcuts.filter(({ kind }) => kind === 'global');
  return (
    <Menu
      label="Shortcuts"
      className="composer-tool"
      testId="shortcuts"
      empty="There are no shortcuts here."
      items={items.map(({ callbackId, name, description }) => ({
        key: callbackId,
        label: name,
        note: description,
        onPick: () => void act({ type: 'shortcut', user: me.id, callbackId, on: null }),
      }))}
    >
      <Icon name="bolt" />
    </Menu>
  );
}
