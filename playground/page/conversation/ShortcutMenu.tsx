import { useAct, useApp } from '../shell/app.ts';
import { Icon } from '../shell/icons.tsx';
import { Menu } from '../shell/Menu.tsx';

/** Shortcuts that belong to no message: Slack has them beside the composer. */
export function ShortcutMenu() {
  const { world, me } = useApp();
  const act = useAct();
  const items = world.features.shortcuts.filter(({ kind }) => kind === 'global');
  return (
    <Menu
      label="Shortcuts"
      className="composer-tool"
      testId="shortcuts"
      empty="The app has no shortcuts."
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
