/** What the Worker can ask of the object of one file. */
export interface FlightsObject extends Rpc.DurableObjectBranded {
  fetch(request: Request): Promise<Response>;
}
