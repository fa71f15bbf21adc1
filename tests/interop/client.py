"""A client of Fivetran's contract with the stubs of the official SDK: makes the calls that a file asks for, one after the other,
and prints their results. client.js is its twin.

    {"port": 50051, "calls": [{"method": "Update", "request": {"state_json": "{}"}, "gzip": true, "seconds": 10}, ...]}

`seconds` is the deadline. With `resume` the state of an Update is that of the last checkpoint before it. Of its messages the first
`keep` are kept, and with `cancel` it is cancelled after them. A result is {"code", "message", "responses"}; values are those that
wire.py writes.
"""
import json
import struct
import sys

import grpc
from google.protobuf import json_format
from fivetran_connector_sdk.protos import common_pb2 as common, connector_sdk_pb2 as sdk, connector_sdk_pb2_grpc as sdk_grpc

REQUESTS = {"ConfigurationForm": common.ConfigurationFormRequest, "Test": common.TestRequest, "Schema": sdk.SchemaRequest,
            "Update": sdk.UpdateRequest}
LIMIT = 128 * 1024 * 1024
STATES = []


def plain_value(value):
    member = value.WhichOneof("inner")
    content = getattr(value, member)
    if member in ("float", "double"):
        content = struct.pack(">f" if member == "float" else ">d", content).hex()
    elif member == "long":
        content = str(content)
    elif member == "binary":
        content = content.hex()
    elif member in ("naive_date", "naive_datetime", "utc_datetime"):
        content = [str(content.seconds), content.nanos]
    return {member: content}


def plain_record(record):
    data = {name: plain_value(value) for name, value in record.data.items()}
    table = f"{record.schema_name}.{record.table_name}" if record.HasField("schema_name") else record.table_name
    return [table, common.RecordType.Name(record.type), data]


def plain_response(response):
    member = response.WhichOneof("operation")
    if member == "structured_records":
        return {"records": [plain_record(record) for record in response.structured_records.structured_records]}
    return {member: json_format.MessageToDict(response, preserving_proto_field_name=True)[member]}


def receive(call, stream):
    """What is kept of the messages; the state of the last checkpoint is for calls that resume."""
    keep = call.get("keep", sys.maxsize)
    for response in stream:
        if response.HasField("checkpoint"):
            STATES.append(response.checkpoint.state_json)
        if keep > 0:
            keep -= 1
            yield plain_response(response)
        if keep == 0 and call.get("cancel"):
            stream.cancel()


def run(channel, call):
    request = json_format.ParseDict(call["request"], REQUESTS[call["method"]]())
    if call.get("resume"):
        request.state_json = STATES[-1]
    answer_to = getattr(sdk_grpc.SourceConnectorStub(channel), call["method"])
    responses = []
    try:
        if call["method"] == "Update":
            for response in receive(call, answer_to(request, timeout=call["seconds"])):
                responses.append(response)
        else:
            responses.append(json_format.MessageToDict(answer_to(request, timeout=call["seconds"]),
                                                       preserving_proto_field_name=True))
    except grpc.RpcError as error:
        return {"code": error.code().name, "message": error.details(), "responses": responses}
    return {"code": "OK", "message": "", "responses": responses}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    results = []
    for call in asked["calls"]:
        compression = grpc.Compression.Gzip if call.get("gzip") else None
        options = [("grpc.max_receive_message_length", LIMIT), ("grpc.max_send_message_length", LIMIT)]
        with grpc.insecure_channel(f"127.0.0.1:{asked['port']}", options=options, compression=compression) as channel:
            results.append(run(channel, call))
    json.dump(results, sys.stdout)


main()
