"""The statistics endpoint of the system monitoring API as a FastAPI application has it, with PyJWT in front.

Every request's HS256 token is verified, with its expiry and its permission, as FastAPI's own tutorial on security does
it. The statistics are a dictionary that was made at the start: reading them from the system, as psutil does, costs
nothing here, and their JSON is as long as Flotilla's. Flotilla's own come from its metrics worker, once a second.

Environment: JWT_SECRET_KEY; STATS, the dictionary as JSON.
"""

import json
import os
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

SECRET = os.environ["JWT_SECRET_KEY"]
STATS: dict[str, Any] = json.loads(os.environ["STATS"])

app = FastAPI(title="System Monitoring API")


async def reader(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"})
    if claims.get("type") != "access":
        raise HTTPException(401, "Invalid token type", {"WWW-Authenticate": "Bearer"})
    if not claims.get("is_admin") and "system:read" not in claims.get("permissions", []):
        raise HTTPException(403, "Permission required: system:read")
    return claims


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/api/v1/system/stats", dependencies=[Depends(reader)])
async def stats() -> dict[str, Any]:
    return STATS
