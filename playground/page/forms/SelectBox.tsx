import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon } from '../shell/icons.tsx';
import { Popup } from '../shell/Popup.tsx';
import { type Fields, fields, str } from '../text/fields.ts';
import { usePeople } from '../text/people.ts';
import { type ControlTraits, optionsOf, textOf, useControls, useHeld } from './controls.ts';

/** What one can pick: the option as the app made it, or one that stands for a person or a channel. */
interface Choice {
  readonly group: string;
  readonly label: string;
  readonly note: string;
  readonly value: string;
  readonly option: Fields;
}

/** Between the last letter typed and asking the app: it has a limit of calls too. */
const ASK_AFTER_MS = 200;

/** A select of any kind, as a combobox: typing narrows the list, arrows move, Enter picks, Escape leaves. */
export function SelectBox(traits: ControlTraits) {
  const { element, optional = false } = traits;
  const [held, change] = useHeld(traits);
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState('');
  const [picked, setPicked] = useState(0);
  const kind = str(element['type']);
  const found = useChoices(traits, open, query);
  const active = Math.min(picked, found.choices.length - 1);
  const chosen = chosenLabel(kind, held, usePeople());

  const show = () => {
    setOpen(true);
    setQuery('');
    setPicked(
      Math.max(
        0,
        found.choices.findIndex(({ label }) => label === chosen),
      ),
    );
  };
  const pick = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    setOpen(false);
    change({ [heldField(kind)]: kind.endsWith('s_select') ? choice.value : choice.option });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const count = found.choices.length;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!open) return show();
      if (count > 0) setPicked((active + (event.key === 'ArrowDown' ? 1 : count - 1)) % count);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open) pick(found.choices[active]);
      else show();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    }
  };

  return (
    <span className="select">
      <input
        ref={field}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-labelledby={traits.labelledBy}
        aria-label={traits.labelledBy === undefined ? spoken(element) : undefined}
        aria-describedby={traits.describedBy}
        aria-invalid={traits.invalid === true}
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        aria-autocomplete="list"
        aria-activedescendant={open && active >= 0 ? `${listId}-${active}` : undefined}
        data-testid="select"
        data-action={str(element['action_id'])}
        placeholder={open && chosen !== '' ? chosen : textOf(element['placeholder']) || 'Choose an option'}
        value={open ? query : chosen}
        onChange={(event) => {
          setOpen(true);
          setQuery(event.target.value);
          setPicked(0);
        }}
        onClick={() => (open ? setOpen(false) : show())}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {optional && chosen !== '' && !open ? (
        <button
          type="button"
          className="select-clear"
          aria-label="Clear the choice"
          onClick={() => {
            change({ [heldField(kind)]: null });
            field.current?.focus();
          }}
        >
          <Icon name="close" size={14} />
        </button>
      ) : (
        <span className="select-mark" aria-hidden="true">
          <Icon name="chevron" size={16} />
        </span>
      )}
      {open && (
        <Popup anchor={field} className="popup-list">
          <div role="listbox" id={listId} tabIndex={-1} aria-label={spoken(element)}>
            {found.choices.map((choice, index) => (
              <Option
                key={`${choice.group} ${choice.value}`}
                id={`${listId}-${index}`}
                choice={choice}
                heading={choice.group !== found.choices[index - 1]?.group ? choice.group : ''}
                active={index === active}
                onPick={() => pick(choice)}
              />
            ))}
            {found.choices.length === 0 && (
              <p className="menu-empty" role="status">
                {found.words}
              </p>
            )}
          </div>
        </Popup>
      )}
    </span>
  );
}

function Option(props: {
  readonly id: string;
  readonly choice: Choice;
  readonly heading: string;
  readonly active: boolean;
  readonly onPick: () => void;
}) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (props.active) row.current?.scrollIntoView({ block: 'nearest' });
  }, [props.active]);
  const { label, note, value } = props.choice;
  return (
    <>
      {props.heading !== '' && <p className="list-heading">{props.heading}</p>}
      <div
        ref={row}
        id={props.id}
        role="option"
        tabIndex={-1}
        aria-selected={props.active}
        className="menu-item"
        data-testid="option"
        data-value={value}
        // Before the field loses the focus to a click.
        onPointerDown={(event) => {
          event.preventDefault();
          props.onPick();
        }}
      >
        <span>
          {label}
          {note !== '' && <span className="menu-note">{note}</span>}
        </span>
      </div>
    </>
  );
}

/** What the list shows now, and the words in its place when it is empty. */
function useChoices(
  { element, blockId }: ControlTraits,
  open: boolean,
  query: string,
): { readonly choices: readonly Choice[]; readonly words: string } {
  const { suggest } = useControls();
  const people = usePeople();
  const kind = str(element['type']);
  const external = kind === 'external_select';
  const [answer, setAnswer] = useState<{ query: string; options: readonly Fields[] | null } | null>(null);
  const actionId = str(element['action_id']);
  const least = typeof element['min_query_length'] === 'number' ? element['min_query_length'] : 3;
  const ask = external && open && query.length >= least;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `suggest` is new with every drawing; asked once per text
  useEffect(() => {
    if (!ask) return;
    let late = false;
    const timer = setTimeout(() => {
      void suggest({ blockId, actionId, value: query }).then((options) => {
        if (!late) setAnswer({ query, options });
      });
    }, ASK_AFTER_MS);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [ask, query, blockId, actionId]);

  if (external) {
    if (!ask) return { choices: [], words: `Type at least ${least} ${least === 1 ? 'letter' : 'letters'}.` };
    if (answer === null || answer.query !== query) return { choices: [], words: 'Loading…' };
    if (answer.options === null) return { choices: [], words: 'The options could not be loaded.' };
    return { choices: answer.options.map((option) => choiceOf('', option)), words: 'Nothing found.' };
  }
  const wanted = query.trim().toLowerCase();
  const all =
    kind === 'users_select'
      ? [...people.users.values()].map((user) => named(user.id, user.displayName, `@${user.handle}`))
      : kind === 'channels_select' || kind === 'conversations_select'
        ? [...people.channels.values()]
            .filter((channel) => channel.kind === 'public' || channel.members.includes(people.me))
            .filter((channel) => channel.name !== '')
            .map((channel) => named(channel.id, `#${channel.name}`, channel.topic))
        : optionsOf(element).map(({ group, option }) => choiceOf(group, option));
  const choices = all.filter(({ label }) => label.toLowerCase().includes(wanted));
  return { choices, words: 'Nothing found.' };
}

function choiceOf(group: string, option: Fields): Choice {
  return {
    group,
    label: textOf(option['text']),
    note: textOf(option['description']),
    value: str(option['value']),
    option,
  };
}

function named(id: string, label: string, note: string): Choice {
  return { group: '', label, note, value: id, option: {} };
}

function heldField(kind: string): string {
  if (kind === 'users_select') return 'selected_user';
  if (kind === 'channels_select') return 'selected_channel';
  if (kind === 'conversations_select') return 'selected_conversation';
  return 'selected_option';
}

function chosenLabel(kind: string, held: Fields, people: ReturnType<typeof usePeople>): string {
  const value = held[heldField(kind)];
  if (kind === 'users_select') return people.users.get(str(value))?.displayName ?? '';
  if (kind.endsWith('s_select')) {
    const channel = people.channels.get(str(value));
    return channel === undefined ? '' : `#${channel.name}`;
  }
  return textOf(fields(value)['text']);
}

/** A name for screen readers where no label stands beside it. */
function spoken(element: Fields): string {
  return str(element['accessibility_label']) || textOf(element['placeholder']) || 'Choose an option';
}
