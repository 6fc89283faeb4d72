// The manifests of k8s/, put together as kustomize does it and held against the schemas of Kubernetes and of the operators, in two ways: the
// validators of JSON Schema find what is missing or has a wrong value, the TypeScript compiler finds fields that do not exist.
// node manifests.mjs METRICS: the file holds what a server answers at /metrics, which the dashboard must find there.
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import jsonpatch from "fast-json-patch";
import ts from "typescript";
import YAML from "yaml";

const root = path.resolve("../../../k8s");
const PACKAGES = {
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api/",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator/",
};
// https://gateway-api-inference-extension.sigs.k8s.io/reference/spec: no package has it yet.
const POOL = `{ apiVersion: "inference.networking.k8s.io/v1"; kind: "InferencePool"; metadata: { name: string; labels?: Record<string, string> };
  spec: { selector: { matchLabels: Record<string, string> }; targetPorts: { number: number }[];
    endpointPickerRef: { group?: string; kind?: string; name: string; port?: { number: number }; failureMode?: "FailOpen" | "FailClose" } } }`;

const tests = [];
const test = (name, body) => tests.push({ name, body });
const check = (condition, message) => { if (!condition) throw new Error(message); };

const read = file => YAML.parseAllDocuments(readFileSync(file, "utf8"), { uniqueKeys: true }).map(one => {
  check(one.errors.length === 0, `${file}: ${one.errors[0]}`);
  return one.toJS();
});

/** What `kubectl kustomize` makes of a folder, as far as k8s/ uses it; anything else is an error. */
function render(folder, docs = []) {
  const [{ apiVersion, kind, ...k }] = read(path.join(folder, "kustomization.yaml"));
  check(/^kustomize\.config\.k8s\.io\/v1(alpha|beta)1$/.test(apiVersion) && ["Kustomization", "Component"].includes(kind), `${folder}: ${apiVersion} ${kind}`);
  for (const resource of k.resources ?? []) {
    const file = path.join(folder, resource);
    docs = resource.endsWith(".yaml") ? docs.concat(read(file)) : render(file, docs);
  }
  for (const component of k.components ?? []) docs = render(path.join(folder, component), docs);
  for (const { name, files, options } of k.configMapGenerator ?? []) {
    check(options.disableNameSuffixHash, `${folder}: ${name} would get another name`);
    docs.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: options.labels },
      data: Object.fromEntries(files.map(file => [file, readFileSync(path.join(folder, file), "utf8")])) });
  }
  for (const { target, patch } of k.patches ?? []) {
    const hits = docs.filter(doc => doc.kind === target.kind && doc.metadata.name === target.name);
    check(hits.length === 1, `${folder}: a patch of ${target.kind} ${target.name} finds ${hits.length}`);
    jsonpatch.applyPatch(hits[0], YAML.parse(patch), true);
  }
  for (const { name, newName, newTag } of k.images ?? []) {
    const containers = docs.flatMap(doc => doc.spec?.template?.spec?.containers ?? []).filter(one => one.image.split(":")[0] === name);
    check(containers.length > 0, `${folder}: no image ${name}`);
    containers.forEach(one => { one.image = `${newName}:${newTag}`; });
  }
  for (const { pairs } of k.labels ?? []) docs.forEach(doc => { doc.metadata.labels = { ...doc.metadata.labels, ...pairs }; });
  const known = ["resources", "components", "configMapGenerator", "patches", "images", "labels"];
  check(Object.keys(k).every(key => known.includes(key)), `${folder}: ${Object.keys(k)}`);
  return docs;
}

const module = ({ apiVersion }) => (PACKAGES[apiVersion.split("/")[0]] ?? "kubernetes-models/") + apiVersion;

async function validate(doc) {
  if (doc.kind === "InferencePool") return;
  const Model = (await import(module(doc)))[doc.kind];
  check(Model, `${doc.apiVersion} has no ${doc.kind}`);
  new Model(doc).validate();
}

/** What the compiler says of documents that are written down as literals of their types. */
function compile(docs) {
  const folder = mkdtempSync(path.resolve("manifests-"));
  try {
    const file = path.join(folder, "documents.ts");
    writeFileSync(file, docs.map((doc, i) => doc.kind === "InferencePool" ? `export const d${i}: ${POOL} = ${JSON.stringify(doc)};`
      : `import type { I${doc.kind} as T${i} } from "${module(doc)}";\nexport const d${i}: T${i} = ${JSON.stringify(doc)};`).join("\n"));
    const program = ts.createProgram([file], { noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [] });
    return ts.getPreEmitDiagnostics(program).map(one => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const named = (docs, kind, name) => docs.some(doc => doc.kind === kind && doc.metadata.name === name);
const matches = (selector, labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Everything that one document says of another. */
function references(docs) {
  const workloads = docs.filter(doc => doc.kind === "Deployment");
  const pods = selector => workloads.filter(one => matches(selector, one.spec.template.metadata.labels));
  const ports = selector => pods(selector).flatMap(one => one.spec.template.spec.containers.flatMap(c => c.ports));
  for (const one of workloads) {
    const spec = one.spec.template.spec;
    check(matches(one.spec.selector.matchLabels, one.spec.template.metadata.labels), `${one.metadata.name} does not select its own pods`);
    check(named(docs, "ServiceAccount", spec.serviceAccountName), `no account ${spec.serviceAccountName}`);
    check(spec.securityContext.runAsNonRoot, `${one.metadata.name} may run as root`);
    for (const c of spec.containers) {
      for (const from of c.envFrom ?? []) {
        check(named(docs, from.configMapRef ? "ConfigMap" : "Secret", (from.configMapRef ?? from.secretRef).name), `${one.metadata.name}: envFrom ${JSON.stringify(from)}`);
      }
      c.volumeMounts.forEach(mount => check(spec.volumes.some(volume => volume.name === mount.name), `no volume ${mount.name}`));
      check(c.securityContext.allowPrivilegeEscalation === false && c.securityContext.capabilities.drop.includes("ALL"), `${c.name} keeps rights`);
      check(c.resources.limits.memory, `${c.name} has no limit of memory`);
      for (const probe of [c.startupProbe, c.readinessProbe, c.livenessProbe].filter(Boolean)) {
        const port = probe.httpGet?.port ?? probe.grpc.port;
        check(c.ports.some(p => p.name === port || p.containerPort === port), `${c.name}: probe on ${port}`);
      }
    }
    for (const volume of spec.volumes) {
      check(!volume.persistentVolumeClaim || named(docs, "PersistentVolumeClaim", volume.persistentVolumeClaim.claimName), `no claim for ${volume.name}`);
      check(!volume.configMap || named(docs, "ConfigMap", volume.configMap.name), `no map for ${volume.name}`);
    }
  }
  for (const doc of docs) {
    const s = doc.spec ?? {};
    switch (doc.kind) {
      case "Service": s.ports.forEach(p => check(ports(s.selector).some(q => q.name === p.targetPort), `${doc.metadata.name}: no port ${p.targetPort}`)); break;
      case "PodDisruptionBudget": check(pods(s.selector.matchLabels).length === 1, "the budget selects nothing"); break;
      case "NetworkPolicy": check(pods(s.podSelector.matchLabels).length === 1, "the policy selects nothing"); break;
      case "HorizontalPodAutoscaler": {
        const target = docs.find(one => one.kind === s.scaleTargetRef.kind && one.metadata.name === s.scaleTargetRef.name);
        check(target, "the autoscaler has no target");
        check(target.spec.replicas === undefined, "the number of replicas is said twice");
        const [{ pods: { metric } }] = s.metrics;
        const [{ rules }] = read(path.join(root, "components/autoscaling/prometheus-adapter.values.yaml"));
        check(rules.custom.some(rule => rule.name.as === metric.name), `the adapter makes no ${metric.name}`);
        break;
      }
      case "PodMonitor": s.podMetricsEndpoints.forEach(e => check(ports(s.selector.matchLabels).some(p => p.name === e.port), `no port ${e.port}`)); break;
      case "InferencePool":
        s.targetPorts.forEach(({ number }) => check(ports(s.selector.matchLabels).some(p => p.containerPort === number), `no port ${number}`));
        check(docs.some(one => one.kind === "Service" && one.metadata.name === s.endpointPickerRef.name && one.spec.ports.some(p => p.port === s.endpointPickerRef.port.number)), "no picker");
        break;
      case "HTTPRoute": s.rules.flatMap(rule => rule.backendRefs).forEach(ref => check(named(docs, ref.kind ?? "Service", ref.name), `no backend ${ref.name}`)); break;
      case "RoleBinding": check(named(docs, "Role", doc.roleRef.name) && named(docs, "ServiceAccount", doc.subjects[0].name), "the binding binds nothing"); break;
    }
  }
}

const options = [...readFileSync("../../main/java/dev/lorikeet/app/Option.java", "utf8").matchAll(/"lorikeet\.([a-z-]+)"/g)]
  .map(([, name]) => `LORIKEET_${name.toUpperCase().replaceAll("-", "_")}`);

for (const overlay of ["cpu", "gpu"]) {
  const docs = render(path.join(root, "overlays", overlay));
  test(`${overlay}: no document twice`, () => check(new Set(docs.map(doc => `${doc.kind} ${doc.metadata.name}`)).size === docs.length, "twice"));
  test(`${overlay}: nothing is missing or has a wrong value`, async () => { for (const doc of docs) await validate(doc); });
  test(`${overlay}: no field that does not exist`, () => { const errors = compile(docs); check(errors.length === 0, errors.join("\n")); });
  test(`${overlay}: what a document names is there`, () => references(docs));
  test(`${overlay}: every option is one of the server's`, () => Object.keys(docs.find(doc => doc.kind === "ConfigMap" && doc.metadata.name === "lorikeet").data)
    .filter(name => name.startsWith("LORIKEET_")).forEach(name => check(options.includes(name), `no option ${name}`)));
  test(`${overlay}: a stop fits into the time that Kubernetes gives it`, () => {
    const pod = docs.find(doc => doc.kind === "Deployment" && doc.metadata.name === "lorikeet").spec.template.spec;
    const grace = parseInt(docs.find(doc => doc.kind === "ConfigMap").data.LORIKEET_GRACE);
    check(pod.terminationGracePeriodSeconds >= pod.containers[0].lifecycle.preStop.sleep.seconds + grace + 60, "no time for the last checkpoint");
  });
}
test("gpu: one GPU, and only on nodes that have one", () => {
  const { nodeSelector, tolerations, containers } = render(path.join(root, "overlays/gpu")).find(doc => doc.kind === "Deployment").spec.template.spec;
  check(nodeSelector["nvidia.com/gpu.present"] === "true" && tolerations[0].key === "nvidia.com/gpu" && containers[0].resources.limits["nvidia.com/gpu"] === "1", "no GPU");
});
test("the checks find what is wrong", async () => {
  const docs = render(path.join(root, "overlays/gpu"));
  for (const [kind, spoil] of [["Deployment", doc => { doc.spec.template.spec.containers[0].imag = "x"; }], ["InferencePool", doc => { doc.spec.targetPort = 1; }],
    ["PodMonitor", doc => { doc.spec.podMetricsEndpoints[0].portt = "x"; }], ["HTTPRoute", doc => { doc.spec.rule = []; }]]) {
    const doc = structuredClone(docs.find(one => one.kind === kind));
    spoil(doc);
    check(compile([doc]).length === 1, `a wrong ${kind} passes`);
  }
  const hollow = structuredClone(docs.find(one => one.kind === "Deployment"));
  delete hollow.spec.selector;
  check(await validate(hollow).then(() => false, () => true), "a Deployment without a selector passes");
});
test("every metric of the dashboard is one that the server has", () => {
  const scrape = readFileSync(process.argv[2], "utf8");
  const { panels } = JSON.parse(readFileSync(path.join(root, "components/monitoring/lorikeet.json"), "utf8"));
  const names = panels.flatMap(panel => panel.targets ?? []).flatMap(({ expr }) => [...expr.matchAll(/\b((?:vllm:|lorikeet_|jvm_|process_|http_)[a-z_:]+)\{/g)].map(match => match[1]));
  check(names.length > 20, `only ${names.length} metrics`);
  names.forEach(name => check(scrape.split("\n").some(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `)), `no metric ${name}`));
});

console.log(`1..${tests.length}`);
let failed = 0;
for (const [i, { name, body }] of tests.entries()) {
  try {
    await body();
    console.log(`ok ${i + 1} - ${name}`);
  } catch (e) {
    failed++;
    console.log(`not ok ${i + 1} - ${name}\n  ${e.message}`);
  }
}
process.exit(failed ? 1 : 0);
