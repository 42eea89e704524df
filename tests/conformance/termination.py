"""tus 1.0.0, "Termination"."""

from tests.conformance.case import Section
from tests.conformance.core import unknown
from tests.conformance.server import Server

delete = Section("termination", "Termination, Requests, DELETE")


@delete.must
def DELETE_is_answered_by_204(server: Server):
    server.delete(server.create(5)).expect(204, tus_resumable="1.0.0")


@delete.must
def DELETE_of_a_begun_upload_is_answered_by_204(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hel").expect(204)
    server.delete(upload).expect(204)


@delete.should
def HEAD_after_it_finds_nothing(server: Server):
    server.head(_deleted(server)).expect(404, 410, upload_offset=None)


@delete.should
def PATCH_after_it_finds_nothing(server: Server):
    server.patch(_deleted(server), 0, b"hello").expect(404, 410)


@delete.should
def DELETE_after_it_finds_nothing(server: Server):
    server.delete(_deleted(server)).expect(404, 410)


@delete.should
def DELETE_of_no_upload_is_not_found(server: Server):
    server.delete(unknown(server)).expect(404, 410)


@delete.must
def DELETE_in_another_version_is_refused_and_changes_nothing(server: Server):
    upload = server.create(5)
    server.delete(upload, tus_resumable="0.2.2").expect(412)
    server.patch(upload, 0, b"hello").expect(204, upload_offset=5)


@delete.must
def DELETE_without_a_version_is_refused_and_changes_nothing(server: Server):
    upload = server.create(5)
    server.delete(upload, tus_resumable=None).expect(412)
    server.patch(upload, 0, b"hello").expect(204, upload_offset=5)


@delete.must
def POST_may_mean_DELETE(server: Server):
    upload = server.create(5)
    server.send("POST", upload, x_http_method_override="DELETE").expect(204)
    server.head(upload).expect(404, 410)


@delete.must
def DELETE_leaves_other_uploads_alone(server: Server):
    other = server.create(5)
    server.delete(server.create(5)).expect(204)
    server.patch(other, 0, b"hello").expect(204, upload_offset=5)


@delete.may
def DELETE_of_a_complete_upload_is_done_or_refused(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello").expect(204)
    server.delete(upload).expect(204, 400, 403, 409)


def _deleted(server: Server) -> str:
    upload = server.create(5)
    server.delete(upload).expect(204)
    return upload
