/** What greeting needs of Slack. Nothing here throws. */
export interface Greeter {
  /** Whether our greeting stands in the channel already, as far as its newest messages tell. */
  greeted(team: string, channel: string): Promise<boolean | 'unknown'>;
  /** Says the greeting. `gone`: it can't be said there, now or later; `unauthorised`: nothing can, for now. */
  greet(team: string, channel: string, text: string): Promise<'done' | 'gone' | 'failed' | 'unauthorised'>;
  /** Offers prompts in the app's messages with somebody. A nicety: false if Slack would not. */
  prompts(
    team: string,
    channel: string,
    title: string,
    prompts: readonly { readonly title: string; readonly message: string }[],
  ): Promise<boolean>;
}
