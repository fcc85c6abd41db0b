"""The device commands service as its requirement document asks for it: FastAPI in front of Kafka.

It is what an application of this kind normally is: pydantic checks the body, aiokafka produces with acks=all and
idempotence, keyed by device, and the answer waits for the delivery report. It is given every advantage that its makers
recommend (uvloop, httptools, no access log) and fewer duties than Flotilla has: nothing is stored before Kafka has it,
there is no status to read, no idempotency key, and an API key instead of a signed token.

Environment: KAFKA_BOOTSTRAP_SERVERS, KAFKA_COMMAND_TOPIC, API_KEYS.
"""

import asyncio
import os
import uuid
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

TOPIC = os.environ.get("KAFKA_COMMAND_TOPIC", "device_commands")
API_KEYS = frozenset(os.environ.get("API_KEYS", "").split(","))


def lower_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class CommandRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    device_id: str = Field(min_length=1, max_length=255)
    command_type: str
    payload: dict[str, Any]
    protocol: Annotated[Literal["mqtt", "coap"], BeforeValidator(lower_case)]
    request_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    timestamp: datetime = Field(default_factory=lambda: datetime.now(timezone.utc).replace(tzinfo=None))
    metadata: dict[str, Any] | None = None
    priority: int | None = None
    expires_at: datetime | None = None
    parser_script_ref: str | None = Field(default=None, pattern=r"^[^/]+\.py$")
    qos: int | None = Field(default=None, ge=0, le=2)
    retain: bool | None = None
    confirmable: bool | None = None

    @field_validator("command_type")
    @classmethod
    def not_feedback(cls, value: str) -> str:
        if value == "feedback":
            raise ValueError("'feedback' is reserved")
        return value

    @field_validator("metadata")
    @classmethod
    def plain_topics(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        for name in ("mqtt_topic", "topic"):
            topic = (value or {}).get(name, "")
            if not isinstance(topic, str) or "+" in topic or "#" in topic:
                raise ValueError(f"{name} must be a string without wildcards")
        return value

    @field_validator("expires_at")
    @classmethod
    def in_the_future(cls, value: datetime | None) -> datetime | None:
        if value and (value if value.tzinfo else value.replace(tzinfo=timezone.utc)) <= datetime.now(timezone.utc):
            raise ValueError("expires_at is in the past")
        return value


class CommandResponse(BaseModel):
    success: bool
    request_id: str
    message: str
    timestamp: datetime
    status: str


class BatchCommandRequest(BaseModel):
    commands: list[CommandRequest] = Field(max_length=10_000)


class BatchCommandResponse(BaseModel):
    total_commands: int
    successful: int
    failed: int
    results: list[CommandResponse]


class PusherService:
    """Puts commands into the command topic and counts them."""

    def __init__(self, producer: AIOKafkaProducer):
        self.producer = producer
        self.commands_sent_total = 0
        self.commands_failed_total = 0

    async def push_command(self, command: CommandRequest) -> CommandResponse:
        try:
            await self.producer.send_and_wait(
                TOPIC, key=command.device_id.encode(), value=command.model_dump_json().encode()
            )
        except KafkaError:
            self.commands_failed_total += 1
            return self.response(command, False, "Kafka did not take the command", "failed")
        self.commands_sent_total += 1
        return self.response(command, True, "Command published", "published")

    def response(self, command: CommandRequest, success: bool, message: str, status: str) -> CommandResponse:
        return CommandResponse(
            success=success, request_id=command.request_id, message=message, status=status,
            timestamp=datetime.now(timezone.utc),
        )


@asynccontextmanager
async def lifespan(app: FastAPI):
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks="all", enable_idempotence=True
    )
    await producer.start()
    app.state.pusher = PusherService(producer)
    yield
    await producer.stop()


def pusher(request: Request) -> PusherService:
    return request.app.state.pusher


async def known_key(x_api_key: Annotated[str | None, Header()] = None) -> None:
    if x_api_key not in API_KEYS:
        raise HTTPException(401, "A valid X-API-Key is needed")


app = FastAPI(title="Preservarium Pusher API", lifespan=lifespan)
Pusher = Annotated[PusherService, Depends(pusher)]


@app.get("/health")
async def health() -> dict[str, Any]:
    return {"status": "healthy", "timestamp": datetime.now(timezone.utc)}


@app.post("/api/v1/commands", dependencies=[Depends(known_key)])
async def push_command(command: CommandRequest, service: Pusher) -> CommandResponse:
    result = await service.push_command(command)
    if not result.success:
        raise HTTPException(503, result.message, {"Retry-After": "1"})
    return result


@app.post("/api/v1/commands/batch", dependencies=[Depends(known_key)])
async def push_commands_batch(batch: BatchCommandRequest, service: Pusher, response: Response) -> BatchCommandResponse:
    results = await asyncio.gather(*(service.push_command(command) for command in batch.commands))
    successful = sum(result.success for result in results)
    if successful < len(results):
        response.status_code = 207
    return BatchCommandResponse(
        total_commands=len(results), successful=successful, failed=len(results) - successful, results=results
    )


@app.get("/api/v1/metrics", dependencies=[Depends(known_key)])
async def metrics(service: Pusher) -> dict[str, int]:
    return {
        "commands_sent_total": service.commands_sent_total,
        "commands_failed_total": service.commands_failed_total,
    }
