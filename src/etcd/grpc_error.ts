/** How a call of gRPC fails. */

/** The codes of gRPC that the client tells apart. */
export const GRPC = {
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  outOfRange: 11,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A call that failed: by the code of the answer, or because there was none. */
export class GrpcError extends Error {
  /** Always `"GrpcError"`. */
  override readonly name = "GrpcError";
  /** The number of the status. */
  readonly code: number;

  /** Describes that a call ended with the status `code`. */
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
