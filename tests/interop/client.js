// The twin of client.py with @grpc/grpc-js, which reads our proto files, in the folder that its first argument names, as text. It has
// the methods of grpc.health and of server reflection, too.
'use strict';
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const OPTIONS = {keepCase: true, longs: String, enums: String, includeDirs: [process.argv[2]]};
const LIMIT = 128 * 1024 * 1024;
const GZIP = 2;
let lastState;

function load(file) {
	return grpc.loadPackageDefinition(loader.loadSync(path.join(process.argv[2], file), OPTIONS));
}

const {SourceConnector} = load('connector_sdk.proto').fivetran_sdk.v2;
const SERVICES = {
	ConfigurationForm: SourceConnector,
	Test: SourceConnector,
	Schema: SourceConnector,
	Update: SourceConnector,
	Check: load('health.proto').grpc.health.v1.Health,
	ServerReflectionInfo: load('reflection_v1.proto').grpc.reflection.v1.ServerReflection,
};

function bits(number, bytes) {
	const buffer = Buffer.alloc(bytes);
	if (bytes === 4)
		buffer.writeFloatBE(number);
	else
		buffer.writeDoubleBE(number);
	return buffer.toString('hex');
}

function plainTimestamp(timestamp) {
	return [timestamp.seconds || '0', timestamp.nanos || 0];
}

const PLAIN = {
	float: (number) => bits(number, 4),
	double: (number) => bits(number, 8),
	binary: (bytes) => bytes.toString('hex'),
	naive_date: plainTimestamp,
	naive_datetime: plainTimestamp,
	utc_datetime: plainTimestamp,
};

// Of a oneof the member that is set is the only one that is there.
function plainValue(value) {
	const [member, content] = Object.entries(value)[0];
	return {[member]: PLAIN[member] ? PLAIN[member](content) : content};
}

function plainRecord(record) {
	const data = record.data || {};
	const table = record.schema_name === undefined ? record.table_name : `${record.schema_name}.${record.table_name}`;
	return [table, record.type || 'UPSERT',
		Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plainValue(value)]))];
}

function plainResponse(response) {
	return response.records ? {records: response.records.records.map(plainRecord)} : response;
}

function unary(client, call, deadline) {
	return new Promise((resolve) => {
		client[call.method](call.request, {deadline}, (error, answer) => resolve(error
			? {code: grpc.status[error.code], message: error.details, responses: []}
			: {code: 'OK', message: '', responses: [answer]}));
	});
}

function receive(call, stream, plain) {
	return new Promise((resolve) => {
		const responses = [];
		stream.on('data', (response) => {
			if (response.checkpoint)
				lastState = response.checkpoint.state_json; // for calls that resume
			if (responses.length < (call.keep || Infinity))
				responses.push(plain(response));
			if (call.cancel && responses.length === call.keep)
				stream.cancel();
		});
		stream.on('error', () => {}); // the status says the same
		stream.on('status', (status) => resolve({code: grpc.status[status.code], message: status.details, responses}));
	});
}

function reflect(client, call, deadline) {
	const stream = client.ServerReflectionInfo({deadline});
	const received = receive(call, stream, (answer) => answer);
	stream.write(call.request);
	stream.end();
	return received;
}

async function run(port, call) {
	const options = {'grpc.max_receive_message_length': LIMIT, 'grpc.max_send_message_length': LIMIT};
	if (call.resume)
		call.request.state_json = lastState;
	if (call.gzip)
		options['grpc.default_compression_algorithm'] = GZIP;
	const client = new SERVICES[call.method](`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
	const deadline = Date.now() + call.seconds * 1000;
	try {
		if (call.method === 'Update')
			return await receive(call, client.Update(call.request, {deadline}), plainResponse);
		if (call.method === 'ServerReflectionInfo')
			return await reflect(client, call, deadline);
		return await unary(client, call, deadline);
	} finally {
		client.close();
	}
}

async function main() {
	const asked = JSON.parse(fs.readFileSync(process.argv[3]));
	const results = [];
	for (const call of asked.calls)
		results.push(await run(asked.port, call));
	process.stdout.write(JSON.stringify(results));
}

main();
