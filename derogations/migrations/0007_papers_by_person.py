"""A version that several people sign has a paper for each; a confirmed one is a signature."""

import django.db.models.deletion
from django.db import migrations, models

JOIN_SIGNATURES = """
    SET CONSTRAINTS ALL IMMEDIATE;
    UPDATE derogations_papersignature AS paper SET signature_id = given.id
    FROM derogations_signature AS given
    WHERE given.version_id = paper.version_id
      AND given.person_id = paper.person_id
      AND given.level = 'handwritten'
      AND paper.confirmed_again_at IS NOT NULL;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('derogations', '0006_own_line_and_reexamination'),
    ]

    operations = [
        migrations.AlterField(
            model_name='papersignature',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='derogations.version'),
        ),
        migrations.AddField(
            model_name='papersignature',
            name='signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper', to='derogations.signature'),
        ),
        migrations.RunSQL(JOIN_SIGNATURES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.UniqueConstraint(fields=('version', 'person'), name='one_paper_per_person'),
        ),
        migrations.AddConstraint(
            model_name='papersignature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_again_at__isnull', False), ('signature__isnull', False)), models.Q(('confirmed_again_at__isnull', True), ('signature__isnull', True)), _connector='OR'), name='paper_signs_once_confirmed'),
        ),
    ]
