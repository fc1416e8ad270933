import { useRef } from 'react';
import type { PageValues, PageView } from '../../protocol.ts';
import { ControlsContext } from '../forms/controls.ts';
import { useApp } from '../shell/app.ts';
import { homeOf } from '../state/views.ts';
import { Blocks } from '../text/Blocks.tsx';
import { Boundary } from '../text/Boundary.tsx';
import { useViewControls } from './useViewControls.ts';

/** The app's Home tab, as the app made it for the person who is speaking. */
export function HomePane() {
  const { world, me } = useApp();
  const view = homeOf(world, me.id);
  const kept = useRef(new Map<string, PageValues>()).current;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <div className="home" role="tabpanel" aria-label="Home" tabIndex={0} data-testid="home">
      {view === null ? (
        <p className="late home-empty">The app has not drawn this tab yet.</p>
      ) : (
        <HomeView key={view.id} view={view} kept={kept} />
      )}
    </div>
  );
}

function HomeView({ view, kept }: { readonly view: PageView; readonly kept: Map<string, PageValues> }) {
  const { controls } = useViewControls(view, kept);
  const blocks = Array.isArray(view.content['blocks']) ? view.content['blocks'] : [];
  return (
    <div className="content view-blocks" data-testid="home-view">
      <Boundary of={blocks} fallback={<p className="block-unknown">This view can’t be drawn.</p>}>
        <ControlsContext value={controls}>
          <Blocks blocks={blocks} />
        </ControlsContext>
      </Boundary>
    </div>
  );
}
