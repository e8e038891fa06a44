/** Where Slack's payloads arrive. */
export interface PayloadReceiver {
  /** Resolves once something can arrive. @throws PublicError when nothing ever will. */
  start(): Promise<void>;
  /** Takes nothing more in; what was taken in may still be acknowledged. */
  refuse(): void;
  /** Whether what people do would arrive now. */
  isOpen(): boolean;
  /** Closes every connection. */
  stop(): Promise<void>;
  /** Resolves when nothing can arrive any more, which is the end of the program. */
  readonly failed: Promise<Error>;
}
