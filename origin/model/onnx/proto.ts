// The messages of onnx.proto (github.com/onnx/onnx, onnx/onnx.proto) as plain data, and their field numbers.
// Only what the graphs of this project use; everything not written keeps its protobuf default.
import { bytesOf, type ElementType, elementTypeCode, type TensorData } from "./element-type.ts";
import { createMessage, type WireMessage } from "./wire.ts";

/** A plain number is an integer attribute: ONNX tells integers and floats apart, JavaScript does not. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { graph: GraphRecord };

export interface NodeRecord {
  operator: string;
  /** Empty for the standard ONNX operators. */
  domain: string;
  name: string;
  /** An empty name is an optional input left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** A string is a symbolic dimension. */
export type Dimension = number | string;

export interface ValueRecord {
  name: string;
  type: ElementType;
  /** Null when even the rank is left to shape inference. */
  shape: readonly Dimension[] | null;
}

/** Where a tensor lies in a file beside the model. */
export interface ExternalSpan {
  location: string;
  offsetBytes: number;
  lengthBytes: number;
}

export interface TensorRecord {
  name: string;
  type: ElementType;
  shape: readonly number[];
  content: TensorData | ExternalSpan;
}

export interface GraphRecord {
  name: string;
  nodes: readonly NodeRecord[];
  initializers: readonly TensorRecord[];
  inputs: readonly ValueRecord[];
  outputs: readonly ValueRecord[];
  /** Shapes of values that are computed, as far as they are told. */
  values: readonly ValueRecord[];
}

export interface ModelRecord {
  irVersion: number;
  producer: string;
  graph: GraphRecord;
  /** Operator set version by domain. */
  operatorSets: Readonly<Record<string, number>>;
}

const attributeTypes = { float: 1, integer: 2, text: 3, graph: 5, integers: 7 };
const externalDataLocation = 1;

/** `ModelProto`, ready to be written part after part. */
export function encodeModel(model: ModelRecord): WireMessage {
  const message = createMessage()
    .integer(1, model.irVersion)
    .text(2, model.producer)
    .message(7, encodeGraph(model.graph));
  for (const [domain, version] of Object.entries(model.operatorSets)) {
    message.message(8, createMessage().text(1, domain).integer(2, version));
  }
  return message;
}

function encodeGraph(graph: GraphRecord): WireMessage {
  const message = createMessage();
  for (const node of graph.nodes) message.message(1, encodeNode(node));
  message.text(2, graph.name);
  for (const tensor of graph.initializers) message.message(5, encodeTensor(tensor));
  for (const input of graph.inputs) message.message(11, encodeValue(input));
  for (const output of graph.outputs) message.message(12, encodeValue(output));
  for (const value of graph.values) message.message(13, encodeValue(value));
  return message;
}

function encodeNode(node: NodeRecord): WireMessage {
  const message = createMessage();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, node.name).text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    message.message(5, encodeAttribute(name, value));
  }
  return message.text(7, node.domain);
}

function encodeAttribute(name: string, value: Attribute): WireMessage {
  const message = createMessage().text(1, name);
  if (typeof value === "number") {
    if (!Number.isInteger(value)) throw new Error(`attribute ${name}: ${value} is not an integer`);
    return message.integer(3, value).integer(20, attributeTypes.integer);
  }
  if (typeof value === "string") {
    return message.text(4, value).integer(20, attributeTypes.text);
  }
  if ("float" in value) return message.float(2, value.float).integer(20, attributeTypes.float);
  if ("graph" in value) {
    return message.message(6, encodeGraph(value.graph)).integer(20, attributeTypes.graph);
  }
  for (const element of value) message.integer(8, element);
  return message.integer(20, attributeTypes.integers);
}

function encodeTensor(tensor: TensorRecord): WireMessage {
  const message = createMessage();
  for (const size of tensor.shape) message.integer(1, size);
  message.integer(2, elementTypeCode(tensor.type)).text(8, tensor.name);
  const { content } = tensor;
  if (!("location" in content)) return message.bytes(9, bytesOf(content));

  const entries = {
    location: content.location,
    offset: String(content.offsetBytes),
    length: String(content.lengthBytes),
  };
  for (const [key, value] of Object.entries(entries)) {
    message.message(13, createMessage().text(1, key).text(2, value));
  }
  return message.integer(14, externalDataLocation);
}

function encodeValue(value: ValueRecord): WireMessage {
  const tensorType = createMessage().integer(1, elementTypeCode(value.type));
  if (value.shape) {
    const shape = createMessage();
    for (const size of value.shape) {
      const dimension = createMessage();
      shape.message(
        1,
        typeof size === "string" ? dimension.text(2, size) : dimension.integer(1, size),
      );
    }
    tensorType.message(2, shape);
  }
  return createMessage().text(1, value.name).message(2, createMessage().message(1, tensorType));
}
