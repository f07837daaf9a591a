/**
 * ONNX Runtime 1.30 makes a Float16Array of float16 data where Node has them (24 and later), and of those its native
 * part sees no bytes. It looks for them once, at its first tensor: so that is made while they are out of sight.
 */
import { Tensor } from "onnxruntime-node";

const name = "Float16Array";
const halves = Object.getOwnPropertyDescriptor(globalThis, name);

if (halves) {
  Reflect.deleteProperty(globalThis, name);
  new Tensor("bool", [true]);
  Object.defineProperty(globalThis, name, halves);
}
